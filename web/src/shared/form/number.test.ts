import { describe, expect, it } from 'vitest'
import { fenText, outOfRange, parseDecimal, parseFen, parseWhole } from './number'

describe('money in the unit of its field', () => {
  it.each([
    [123_456_000_000, '亿元', '12.3456'],
    [20_000_000, '万元', '20'],
    [1_000_001, '万元', '1.000001'],
    [-150, '元', '-1.5'],
    [0, '万元', '0'],
  ])('%i fen in %s reads %s', (fen, unit, text) => expect(fenText(fen, unit)).toBe(text))

  it('parts thousands for readers', () =>
    expect(fenText(123_456_789_000_000, '万元', true)).toBe('123,456,789'))

  it.each([
    ['12.3456', '亿元', 4, 123_456_000_000],
    ['99999.9999', '亿元', 4, 999_999_999_000_000],
    ['1,234.50', '万元', 2, 1_234_500_000],
    ['１２．５', '万元', 2, 12_500_000],
    ['-3.2', '万元', 2, -3_200_000],
    ['0.10', '元', 2, 10],
  ])('%s %s is exact', (text, unit, decimals, fen) =>
    expect(parseFen(text, unit, decimals)).toEqual({ value: fen }),
  )

  it('says what it cannot read', () => {
    expect(parseFen('', '万元')).toEqual({ value: undefined })
    expect(parseFen('约十万', '万元').problem).toBe('请输入数字。')
    expect(parseFen('1.234', '万元', 2).problem).toBe('最多 2 位小数。')
    expect(parseFen('99999999999999', '亿元').problem).toBe('数字太大。')
  })
})

it('reads whole numbers and decimals', () => {
  expect(parseWhole('1,200')).toEqual({ value: 1200 })
  expect(parseWhole('1.5').problem).toBe('请输入整数。')
  expect(parseDecimal('40.5%')).toEqual({ value: '40.5' })
  expect(parseDecimal('12.')).toEqual({ value: '12' })
  expect(parseDecimal('12.345', 2).problem).toBe('最多 2 位小数。')
})

it('knows its bounds', () => {
  expect(outOfRange(101, '0', '100')).toBe('不能大于 100。')
  expect(outOfRange(-1, '0', '100')).toBe('不能小于 0。')
  expect(outOfRange(100, '0', '100')).toBeUndefined()
})
