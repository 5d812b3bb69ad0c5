/** Reads what a JSON pointer leads to; undefined where there is nothing. */
export function valueAt(root: object, pointer: string): unknown {
  return steps(pointer).reduce<unknown>(
    (at, step) => (at as Record<string, unknown> | undefined)?.[step],
    root,
  )
}

/** Writes to where a JSON pointer leads, making objects on the way. */
export function putAt(root: object, pointer: string, value: unknown): void {
  const way = steps(pointer)
  const last = way.pop()!
  let at = root as Record<string, unknown>
  for (const step of way) at = (at[step] ??= {}) as Record<string, unknown>
  at[last] = value
}

const steps = (pointer: string) => pointer.split('/').slice(1)
