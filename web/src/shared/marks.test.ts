import { expect, test } from 'vitest'
import { pieces } from './marks'

const shown = (text: string, marks: string[]) =>
  pieces(text, marks)
    .map((p) => (p.hit ? `[${p.text}]` : p.text))
    .join('')

test('marks stand where the server found them', () => {
  expect(shown('智能排产系统', ['排产'])).toBe('智能[排产]系统')
  expect(shown('ＭＥＳ 与 Mes', ['mes'])).toBe('[ＭＥＳ] 与 [Mes]')
  expect(shown('排产排产', ['排产', '产排'])).toBe('[排产排产]')
  expect(shown('智能排产', ['智能排', '智能'])).toBe('[智能排]产')
  expect(shown('<b>质量</b>', ['质量'])).toBe('<b>[质量]</b>')
  expect(shown('全部', [])).toBe('全部')
})
