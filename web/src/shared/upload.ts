import type { Problem, Schemas } from '@/api/client'

export type UploadedFile = Pick<Schemas['FileView'], 'id' | 'name' | 'mime' | 'size' | 'url'>

/** Says what is wrong with a file before it travels; '' when nothing is. */
export function checkFile(file: File, extensions: readonly string[], maxBytes: number): string {
  const ext = file.name.split('.').pop()?.toLowerCase() ?? ''
  if (!extensions.includes(ext)) return `文件格式不符，支持：${extensions.join('、')}。`
  if (file.size > maxBytes)
    return `文件超过 ${Math.round(maxBytes / 1024 / 1024)}M，请压缩后再上传。`
  if (file.size === 0) return '文件是空的，请重新选择。'
  return ''
}

/** Sends a file. XMLHttpRequest, because fetch tells nothing of an upload's progress. */
export function sendFile(
  file: File,
  purpose: string,
  progress: (percent: number) => void,
): Promise<UploadedFile> {
  return new Promise((resolve, reject) => {
    const form = new FormData()
    form.append('file', file)
    const xhr = new XMLHttpRequest()
    xhr.open('POST', `/api/v1/files?purpose=${purpose}`)
    xhr.responseType = 'json'
    xhr.upload.onprogress = (e) => progress(Math.round((e.loaded / e.total) * 100))
    xhr.onload = () => {
      if (xhr.status < 300) return resolve(xhr.response as UploadedFile)
      const p = xhr.response as Problem | null
      reject(new Error(p?.errors?.[0]?.detail ?? p?.detail ?? '上传失败，请重试。'))
    }
    xhr.onerror = () => reject(new Error('网络连接不上，上传未完成，请重试。'))
    xhr.send(form)
  })
}
