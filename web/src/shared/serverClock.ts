let offset = 0

/** Notes the server's time, told with every session question. */
export function syncClock(serverTime: string): void {
  offset = Date.parse(serverTime) - Date.now()
}

/** Milliseconds now by the server's clock, so that a wrong clock at home opens nothing early. */
export function serverNow(): number {
  return Date.now() + offset
}
