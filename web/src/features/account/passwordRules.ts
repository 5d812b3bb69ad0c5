const special = '~!#$%&+,-.*:;<=>@_?^、`/'

export interface PasswordRule {
  text: string
  /** undefined while nothing was typed. */
  met: boolean | undefined
}

/** The rules of a password with what is met so far. That it is not a former one only the server knows. */
export function passwordRules(
  password: string,
  of: { username?: string; phone?: string },
): PasswordRule[] {
  const chars = [...password]
  const typed = chars.length > 0
  const kinds = [
    /[0-9]/.test(password),
    /[A-Z]/.test(password),
    /[a-z]/.test(password),
    chars.some((c) => special.includes(c)),
  ].filter(Boolean).length
  const lower = password.toLowerCase()
  const holds = (part: string | undefined) => {
    const name = part?.trim().toLowerCase()
    return !!name && (lower.includes(name) || lower.includes([...name].reverse().join('')))
  }
  const odd = chars.some((c) => c !== '、' && (c <= ' ' || c > '~'))
  const rules: [string, boolean][] = [
    ['8-18 个字符，不含空格和中文', chars.length >= 8 && chars.length <= 18 && !odd],
    ['数字、大写字母、小写字母、特殊字符中至少 3 种', kinds >= 3],
    ['不包含用户名、手机号（顺写、倒写都不行）', !holds(of.username) && !holds(of.phone)],
  ]
  return rules.map(([text, met]) => ({ text, met: typed ? met : undefined }))
}

export const specialCharacters = special
