// Orders that walks are not about but begin with, placed through the API.

/** Places an order of which a voucher pays a part, and answers it with the voucher as it is then. */
export async function held(owner, only = () => true) {
  const vouchers = (await owner.api('GET', '/vouchers?status=active&size=100')).items.filter((v) => v.usable && only(v))
  for (const { id } of (await owner.api('GET', '/offerings?size=100')).items) {
    const { content } = await owner.api('GET', `/offerings/${id}`)
    for (const plan of content.plans.filter((p) => p.prices.length && !p.instant)) {
      const lines = [{ planId: plan.id, unit: plan.prices[0].unit, quantity: 1 }]
      const quote = await owner.api('POST', '/checkout/quote', { lines })
      const fits = quote.vouchers.find((v) => vouchers.some((own) => own.id === v.id))
      if (!fits) continue
      const { totalFen, redeemedFen, payableFen } = await owner.api('POST', '/checkout/quote', { lines, voucherIds: [fits.id] })
      if (!redeemedFen || !payableFen) continue
      const placed = await owner.api(
        'POST',
        '/checkouts',
        { lines, voucherIds: [fits.id], expectedTotalFen: totalFen, expectedPayableFen: payableFen },
        { key: `held-${id}` },
      )
      return { order: placed.orderIds[0], voucher: await owner.api('GET', `/vouchers/${fits.id}`) }
    }
  }
  throw new Error('no voucher pays a part of anything')
}
