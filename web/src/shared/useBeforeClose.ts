import { confirmAction } from './confirm'

/**
 * For a dialog with a form: lets Escape and × close it at once while nothing has
 * been typed, and asks first otherwise. Give the result to `before-close`.
 */
export function useBeforeClose(typed: () => unknown): (done: () => void) => Promise<void> {
  const start = JSON.stringify(typed())
  return async (done) => {
    if (
      JSON.stringify(typed()) === start ||
      (await confirmAction('已填写的内容还没有提交，关闭后会丢失。确定关闭吗？', '关闭', {
        ok: '关闭',
        danger: true,
      }))
    )
      done()
  }
}
