import { describe, expect, it } from 'vitest'
import { claimState, refusal, takesApplications } from './claimState'
import type { Campaign, CampaignVoucher } from './words'

const opens = Date.parse('2026-11-24T01:00:00Z')
const campaign = (change: Partial<Campaign> = {}): Campaign =>
  ({
    mode: 'rush',
    status: 'open',
    perOrg: 1,
    opensAt: '2026-11-24T01:00:00Z',
    closesAt: '2026-11-25T01:00:00Z',
    answers: [{ rule: 'verified', known: true, met: true, want: [], have: [] }],
    ...change,
  }) as Campaign
const voucher = (change: Partial<CampaignVoucher> = {}): CampaignVoucher =>
  ({ remaining: 5, quota: 10, mine: [], ...change }) as CampaignVoucher
const company = { signedIn: true, enterprise: true }
const mine = [{ id: '1', availableFen: 1, expiresAt: '2027-01-01T00:00:00Z' }]

describe('the button of a campaign voucher', () => {
  const at = (c: Campaign, v: CampaignVoucher, now = opens, who = company) =>
    claimState(c, v, who, now).kind

  it('waits until the server says it is time', () => {
    expect(at(campaign({ status: 'scheduled' }), voucher(), opens - 1)).toBe('before')
    expect(at(campaign({ status: 'scheduled' }), voucher(), opens)).toBe('open')
  })
  it('tells a company before it waits that it misses a rule, and only what can be judged', () => {
    const size = { rule: 'size' as const, met: false, want: ['micro'], have: [] }
    const c = (answers: Campaign['answers']) => campaign({ status: 'scheduled', answers })
    const verified = { rule: 'verified' as const, known: true, want: [], have: [] }
    const missed = (answers: Campaign['answers'], now: number) =>
      claimState(c(answers), voucher(), company, now)
    const unverified = [
      { ...verified, met: false },
      { ...size, known: false },
    ]
    expect(missed(unverified, opens - 1)).toEqual({ kind: 'before', missed: ['verified'] })
    expect(missed(unverified, opens)).toEqual({ kind: 'missed', missed: ['verified'] })
    const tooLarge = [
      { ...verified, met: true },
      { ...size, known: true },
    ]
    expect(missed(tooLarge, opens - 1)).toEqual({ kind: 'before', missed: ['size'] })
  })
  it('says 立即抢券 in a rush and 立即申请 otherwise', () => {
    expect(claimState(campaign(), voucher(), company, opens)).toMatchObject({ label: '立即抢券' })
    expect(claimState(campaign({ mode: 'application' }), voucher(), company, opens)).toMatchObject({
      label: '立即申请',
    })
    expect(
      claimState(campaign({ mode: 'application', draw: true }), voucher(), company, opens),
    ).toMatchObject({ label: '报名抽签' })
  })
  it('tells that the lots fell to others', () => {
    const application = { status: 'rejected' } as CampaignVoucher['application']
    const drawn = campaign({ mode: 'application', draw: true, status: 'ended' })
    expect(at(drawn, voucher({ application }))).toBe('not_drawn')
    expect(at(campaign({ mode: 'application' }), voucher({ application }))).toBe('open')
  })
  it('gives the reason of a refusal, and another try while there is one', () => {
    const application = { status: 'rejected', reason: '材料不全' } as CampaignVoucher['application']
    const c = campaign({ mode: 'application' })
    expect(refusal(c, voucher({ application }))).toBe('材料不全')
    expect(claimState(c, voucher({ application }), company, opens)).toMatchObject({
      label: '重新申请',
    })
    expect(at(campaign({ status: 'ended' }), voucher({ application }))).toBe('ended')
    expect(refusal(c, voucher({ application, mine }))).toBe('')
    expect(refusal(campaign({ draw: true }), voucher({ application }))).toBe('')
  })
  it('tells who waits that the quota is used up, but for a lottery', () => {
    const waits = voucher({
      remaining: 0,
      application: { status: 'applied' } as CampaignVoucher['application'],
    })
    const state = (c: Partial<Campaign>) => claimState(campaign(c), waits, company, opens)
    expect(state({ mode: 'application' })).toEqual({ kind: 'applied', full: true })
    expect(state({ mode: 'application', draw: true })).toEqual({ kind: 'applied', full: false })
  })
  it('knows whether who takes an application back may apply again', () => {
    expect(takesApplications(campaign(), voucher(), opens)).toBe(true)
    expect(takesApplications(campaign({ status: 'paused' }), voucher(), opens)).toBe(false)
    expect(takesApplications(campaign(), voucher({ remaining: 0 }), opens)).toBe(false)
    expect(takesApplications(campaign(), voucher(), Date.parse('2026-11-25T01:00:00Z'))).toBe(false)
  })
  it('shows what the company has, whatever else happened', () => {
    expect(at(campaign(), voucher({ mine, remaining: 0 }))).toBe('got')
    expect(at(campaign({ status: 'ended' }), voucher({ mine }))).toBe('got')
  })
  it('offers the next one while the campaign allows more', () => {
    expect(claimState(campaign({ perOrg: 2 }), voucher({ mine }), company, opens)).toMatchObject({
      kind: 'open',
      next: 2,
    })
  })
  it('is gone at the exclusive end', () => {
    expect(at(campaign(), voucher(), Date.parse('2026-11-25T01:00:00Z'))).toBe('ended')
  })
  it('says that a campaign was canceled, however long it would have run', () => {
    expect(at(campaign({ status: 'canceled' }), voucher(), opens - 1)).toBe('canceled')
    expect(at(campaign({ status: 'canceled' }), voucher({ remaining: 0 }))).toBe('canceled')
  })
  it('tells sold out from paused and from a missed rule', () => {
    expect(at(campaign(), voucher({ remaining: 0 }))).toBe('sold_out')
    expect(at(campaign({ status: 'paused' }), voucher())).toBe('paused')
    expect(
      at(
        campaign({ answers: [{ rule: 'verified', known: true, met: false, want: [], have: [] }] }),
        voucher(),
      ),
    ).toBe('missed')
  })
  it('asks a visitor to sign in and tells other roles why not', () => {
    expect(at(campaign(), voucher(), opens, { signedIn: false, enterprise: false })).toBe('sign_in')
    expect(at(campaign(), voucher(), opens, { signedIn: true, enterprise: false })).toBe(
      'other_role',
    )
  })
})
