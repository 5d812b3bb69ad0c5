import { expect, it } from 'vitest'
import { passwordRules } from './passwordRules'

const met = (password: string, of = {}) => passwordRules(password, of).map((r) => r.met)

it('says nothing before something is typed', () =>
  expect(met('')).toEqual([undefined, undefined, undefined]))

it.each([
  ['Abcd1234', {}, [true, true, true]],
  ['abc12345', {}, [true, false, true]],
  ['abcdef1、', {}, [true, true, true]],
  ['Abc1234', {}, [false, true, true]],
  ['Abcdefgh123456789012', {}, [false, true, true]],
  ['Abcd 1234', {}, [false, true, true]],
  ['密码Abcd1234', {}, [false, true, true]],
  ['Xmzhiliang1', { username: 'XMzhiliang' }, [true, true, false]],
  ['1gnailihzMX', { username: 'XMzhiliang' }, [true, true, false]],
  ['Aa13800001234', { phone: '13800001234' }, [true, true, false]],
])('%s', (password, of, want) => expect(met(password, of)).toEqual(want))
