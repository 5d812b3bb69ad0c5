const zone = 'Asia/Shanghai'
const parts = new Intl.DateTimeFormat('zh-CN', {
  timeZone: zone,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

type Input = string | number | Date | null | undefined

function split(at: Input): Record<string, string> | undefined {
  if (at === null || at === undefined || at === '') return undefined
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return undefined
  return Object.fromEntries(parts.formatToParts(date).map((p) => [p.type, p.value]))
}

/** 2026-11-23 14:05:00, as the guides print lists; --- for "never". */
export function dateTime(at: Input): string {
  const p = split(at)
  return p ? `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}` : '---'
}

/** 2026-11-23 14:05 */
export function dateMinute(at: Input): string {
  return split(at) ? dateTime(at).slice(0, 16) : '---'
}

/** 2026-11-23 */
export function dateDay(at: Input): string {
  return split(at) ? dateTime(at).slice(0, 10) : '---'
}

/** 14:05 */
export function timeMinute(at: Input): string {
  return split(at) ? dateTime(at).slice(11, 16) : '---'
}

/** The last second of validity for people: an exclusive end is stored, the guides print 23:59:59. */
export function lastSecond(exclusive: Input): string {
  return split(exclusive) ? dateTime(new Date(exclusive as string).getTime() - 1000) : '---'
}

/** 3 分钟前, 2 天前 */
export function ago(at: Input, now = Date.now()): string {
  if (!split(at)) return ''
  const minutes = Math.floor((now - new Date(at as string).getTime()) / 60_000)
  if (minutes < 1) return '刚刚'
  if (minutes < 60) return `${minutes} 分钟前`
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)} 小时前`
  return `${Math.floor(minutes / 60 / 24)} 天前`
}

/** 还有 3 天, 还有 40 分钟: never more than there is. */
export function timeLeft(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return '不到 1 分钟'
  if (minutes < 60) return `还有 ${minutes} 分钟`
  if (minutes < 60 * 24) return `还有 ${Math.floor(minutes / 60)} 小时`
  return `还有 ${Math.floor(minutes / 60 / 24)} 天`
}

/** The instant of a wall-clock time in China ("2026-11-23 14:05:00"); '' when it is none. */
export function instantOf(local: string | null | undefined): string {
  const date = local ? new Date(`${local.replace(' ', 'T')}+08:00`) : undefined
  return date && !Number.isNaN(date.getTime()) ? date.toISOString() : ''
}

/** People name the last second of a period, we keep its exclusive end. */
export function endOf(lastSecondLocal: string | null | undefined): string {
  const at = instantOf(lastSecondLocal)
  return at ? new Date(Date.parse(at) + 1000).toISOString() : ''
}
