import { expect, test } from 'vitest'
import { plainParagraphs } from '@/shared/paste'
import { sizeText } from './sizeText'

test('one line is pasted in place, several become paragraphs', () => {
  expect(plainParagraphs('一行')).toBe('一行')
  expect(plainParagraphs('一\r\n\r\n 二 \n三')).toBe('<p>一</p><p>二</p><p>三</p>')
  expect(plainParagraphs('')).toBe('')
})

test('what looks like HTML stays text', () => {
  expect(plainParagraphs('<b onclick="x">a & b</b>')).toBe(
    '&lt;b onclick=&quot;x&quot;&gt;a &amp; b&lt;/b&gt;',
  )
})

test('sizes read as people say them', () => {
  expect(sizeText(900)).toBe('900 B')
  expect(sizeText(12_600)).toBe('12.3 KB')
  expect(sizeText(4 * 1024 * 1024)).toBe('4.0 MB')
})
