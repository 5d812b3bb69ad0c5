// A solution through its three reviews by the words on the pages: returned with
// marks and corrected, passed on to a colleague, judged by a panel of which one
// leaves, decided by the department; then a new version, whose reviewers see
// every difference while the shop still sells the approved one.
import assert from 'node:assert/strict'
import { checkAll, openTask } from './harness/desk.mjs'
import { barriers, englishWords, tooWide } from './harness/look.mjs'
import { suite } from './harness/walk.mjs'

const { walk } = suite({ demo: true })

const password = 'Demo#2026smedx'
const provider = 'hengzhun_soft'
const mark = process.env.SMEDX_E2E_MARK ?? `m${Date.now().toString(36).slice(-5)}`
const solution = `三审演示排产方案${mark}`
const experts = { expert_guan: '关景行', expert_tan: '谭书墨', expert_lei: '雷清源', expert_mei: '', expert_bai: '' }

/** Signs somebody of the demonstration in. */
async function signed(person, account) {
  const one = await person()
  await one.signedIn(account, password)
  return one
}

/** The provider's offering of this walk. */
const mine = async (clerk, status) =>
  (await clerk.api('GET', `/my/offerings?status=${status}&size=100`)).items.find((o) => o.name === solution)

/** Scores everything the same and hands the ballot in, declared already. */
async function score(expert, points, pass = '建议通过') {
  await expert.sees('专家评分')
  for (const criterion of ['适用性', '成熟度', '实施效果', '性价比', '服务保障']) await expert.fill(`${criterion}评分`, String(points))
  await expert.fill('适用性说明', '贴合多品种小批量排产')
  await expert.tick(pass)
  await expert.page.getByPlaceholder('请说明评分依据').fill('方案贴合中小企业排产需要，案例数据可信。')
}

async function declare(expert) {
  await expert.open('/workbench/tasks')
  await expert.click(new RegExp(solution))
  await expert.sees('材料在您声明无利益关系后显示')
  await expert.seesNot('填报内容')
  await expert.tick('本人声明与该申请无利益关系')
  await expert.click('确认声明并查看材料')
}

walk('01 the operator returns a submission with marks, the provider corrects it', async ({ person }) => {
  const clerk = await signed(person, provider)
  const pattern = (await clerk.api('GET', '/my/offerings?status=listed&size=100')).items.find((o) => !o.work)
  const old = await clerk.api('GET', `/my/offerings/${pattern.id}`)
  const draft = await clerk.api('POST', '/my/offerings', { kind: 'solution' })
  const content = { ...old.content, name: solution, plans: old.content.plans.map((p) => ({ ...p, id: '0' })) }
  await clerk.api('PUT', `/my/offerings/${draft.offering.id}/draft`, { version: draft.version, content })
  await clerk.open(`/workbench/offerings/${draft.offering.id}/edit`)
  await clerk.settle()
  await clerk.click('提交申请')
  await clerk.click('确定')
  await clerk.sees('我的商品')

  const operator = await signed(person, 'operator_demo')
  await openTask(operator, solution)
  await operator.sees('审批意见', '审核要点', '软件著作权、产品资质等权属清楚，可以对外销售')
  await operator.tick('退回补正')
  await operator.sees('请选择原因。')
  assert.equal(await operator.offers(/^提交审批/), false)
  const second = operator.page.locator('fieldset.checks .item').nth(1)
  await second.getByText('不符合', { exact: true }).click()
  await second.getByPlaceholder('请说明不符合之处').fill('案例一的合同金额与介绍文档不一致')
  await operator.page.locator('dl > div').filter({ hasText: '方案销售额度' }).first().getByRole('button', { name: '需补正' }).click()
  await operator.choose('原因', '信息前后不一致')
  await operator.fill('请说明理由，以及申请人应当怎样修改', '请核对案例一的金额')
  await operator.shot('review-return')
  assert.deepEqual(await barriers(operator.page), [])
  await operator.click(/^提交审批/)
  await operator.sees('审批已提交')

  await clerk.open('/workbench/tasks')
  await clerk.row(solution).sees('退回补正')
  await clerk.row(solution).click('详情')
  await clerk.sees('案例一的合同金额与介绍文档不一致', '原因：信息前后不一致', '请核对案例一的金额', /需补正 1 处内容：案例 1/)
  await clerk.shot('review-returned')
  await clerk.click('重新编辑')
  await clerk.settle()
  await clerk.click('提交申请')
  await clerk.click('确定')
  await clerk.sees('我的商品')
  await clerk.open('/workbench/tasks')
  await clerk.row(solution, '待审批').click('详情')
  await clerk.sees('以往提交')
})

walk('02 the task is passed on, and the colleague names a panel', async ({ person }) => {
  const operator = await signed(person, 'operator_demo')
  await openTask(operator, solution)
  await operator.click('转办')
  const dialog = operator.dialog('转办')
  await dialog.choose('转办给', 'operator_two')
  await dialog.fill('转办原因', '本周外出调研')
  await dialog.click('确定')
  await operator.sees('已转办', /该任务已转办给 operator_two/)
  await operator.seesNot(/^提交审批/)
  await operator.shot('review-delegated')

  const colleague = await signed(person, 'operator_two')
  await colleague.open('/workbench/tasks')
  await colleague.row(solution).sees('转办给您')
  await colleague.shot('review-inbox')
  assert.equal(await tooWide(colleague.page), false)
  await colleague.click(new RegExp(solution))
  await colleague.sees('审批意见', '转办', '本周外出调研')
  await colleague.settle()
  await checkAll(colleague)
  await colleague.tick('通过')
  await colleague.tick('指定专家')
  await colleague.sees(/领域匹配|领域不直接匹配/)
  for (const name of Object.values(experts).filter(Boolean)) await colleague.tick(new RegExp(name))
  await colleague.sees('已选 3 名，须为 3 名以上的单数。')
  await colleague.shot('review-panel')
  await colleague.click(/^提交审批/)
  await colleague.sees('审批已提交')
})

walk('03 one expert leaves and is replaced, the others vote without seeing each other', async ({ person }) => {
  const leaving = await signed(person, 'expert_guan')
  await leaving.open('/workbench/tasks')
  await leaving.click(new RegExp(solution))
  await leaving.sees('申请企业：')
  await leaving.seesNot(provider)
  await leaving.click('申请回避')
  await leaving.choose('回避原因', '参与过该方案的研发、销售或实施')
  await leaving.shot('review-recusal')
  await leaving.click('确认回避')
  await leaving.sees(/已回避/)
  await leaving.open('/workbench/tasks')
  await leaving.settle()
  await leaving.seesNot(new RegExp(solution))

  const operator = await signed(person, 'operator_demo')
  const voters = []
  for (const account of ['expert_tan', 'expert_lei', 'expert_mei', 'expert_bai']) {
    const one = await signed(person, account)
    await one.open('/workbench/tasks')
    await one.settle()
    if ((await one.text()).includes(solution)) voters.push(one)
    else await one.leave()
  }
  assert.equal(voters.length, 3, 'the panel is whole again')
  for (const [i, voter] of voters.entries()) {
    await declare(voter)
    if (i === 1) { // on a phone the declaration leads to the material, and a tab to the scores
      await voter.page.setViewportSize({ width: 390, height: 844 })
      await voter.sees('填报内容')
      await voter.seesNot('专家评分')
      await voter.page.getByRole('tab', { name: '评分' }).click()
      await voter.sees('专家评分')
    }
    await score(voter, 80 + i)
    if (i === 0) {
      await voter.fill('性价比评分', '50')
      await voter.sees('请完成全部评分、结论与意见后提交；低于 60 分的项须说明理由。')
      await voter.fill('性价比说明', '年费高于同类方案')
      await voter.tick('不建议通过')
      await voter.sees('请选择不建议通过的原因。')
      await voter.choose('不建议通过的原因', '价格不合理')
      await voter.shot('review-score')
      assert.deepEqual(await barriers(voter.page), [])
    }
    await voter.click('提交评审意见')
    await voter.click('确定')
    await voter.sees('评审意见已提交')
    await operator.open('/workbench/tasks?box=all')
    await operator.settle()
    await operator.click(new RegExp(solution))
    if (i < 2) {
      await operator.sees('评分在全部专家提交前不显示。')
      await operator.seesNot('年费高于同类方案')
    }
  }
  await operator.sees(/3 位专家评审，2 位建议通过/, /年费高于同类方案/, '不建议通过的原因：价格不合理', '已回避', /参与过该方案的研发、销售或实施/)
  await operator.shot('review-panel-done')
})

walk('04 the department approves and the solution is on sale', async ({ person }) => {
  const department = await signed(person, 'department_demo')
  await openTask(department, solution)
  await department.sees('初审与专家评审程序完整，专家无应回避情形')
  await checkAll(department)
  await department.tick('通过')
  await department.shot('review-final')
  await department.click(/^提交审批/)
  await department.sees('审批已提交')

  const clerk = await signed(person, provider)
  await clerk.open('/workbench/tasks')
  await clerk.row(solution, '审批通过').sees('审批通过')
  assert.ok(await mine(clerk, 'listed'), 'it is on sale')
})

walk('05 reviewers of a new version see every difference, and the department returns it', async ({ person }) => {
  const clerk = await signed(person, provider)
  const o = await mine(clerk, 'listed')
  const draft = await clerk.api('POST', `/my/offerings/${o.id}/revision`)
  const c = draft.content
  const raised = c.plans.map((p, i) => (i ? p : { ...p, pricing: 'simple', prices: p.prices.map((x) => ({ ...x, priceFen: (x.priceFen ?? 0) + 120000 })) }))
  const page = {
    ...c.page, modules: ['cases', 'details', 'support'], highlights: [...c.page.highlights.slice(1), '新增看板大屏'],
    banner: { ...c.page.banner, image: c.cases[0].image, intro: `${c.page.banner.intro}现已支持移动端。` },
  }
  await clerk.api('PUT', `/my/offerings/${o.id}/draft`, { version: draft.version, content: { ...c, plans: raised, page } })
  await clerk.open(`/workbench/offerings/${o.id}/edit`)
  await clerk.settle()
  await clerk.click('提交申请')
  await clerk.click('确定')
  await clerk.sees('我的商品')
  const stale = await clerk.api('GET', `/my/offerings/${o.id}`)
  await clerk.api('PUT', `/my/offerings/${o.id}/draft`, { version: stale.version, content: c }, { expect: 409 }) // what is in review is not edited

  const operator = await signed(person, 'operator_two')
  await openTask(operator, solution)
  await operator.sees(/这是已上架商品的第 \d+ 版/, /变更对照/, '模块顺序', '「用户案例」位置 2 → 1', '新增看板大屏', '现已支持移动端。', '商品规格与价格', /\+\d/)
  await operator.settle()
  await operator.shot('review-changes')
  assert.deepEqual(await englishWords(operator.page, [new RegExp(mark), /^(Banner|Ctrl|Enter)$/]), [])
  assert.deepEqual(await barriers(operator.page), [])
  await operator.page.setViewportSize({ width: 390, height: 844 })
  assert.equal(await tooWide(operator.page), false)

  // On a phone the decision is one touch away, and what was marked is counted there.
  const tab = (name) => operator.page.getByRole('tablist', { name: '材料与审批' }).getByRole('tab', { name })
  await operator.seesNot('审核要点')
  await operator.page.getByRole('button', { name: '需补正' }).first().click()
  await tab(/审批意见 ?1/).click()
  await operator.sees('审核要点')
  await operator.seesNot('模块顺序')
  assert.deepEqual(await barriers(operator.page), [])
  await tab('材料').click()
  await operator.sees('模块顺序')
  await operator.seesNot('审核要点')
  await operator.page.getByRole('button', { name: '取消标记' }).first().click()
  await operator.page.setViewportSize({ width: 1440, height: 900 })
  await checkAll(operator)
  await operator.tick('通过')
  await operator.click(/^提交审批/)
  await operator.sees('审批已提交')

  for (const account of Object.keys(experts)) {
    const expert = await signed(person, account)
    const [task] = (await expert.api('GET', `/review-cases?box=awaiting&title=${encodeURIComponent(solution)}`)).items
    if (task) {
      await expert.api('POST', `/review-cases/${task.id}/declaration`)
      const scores = Object.fromEntries((await expert.api('GET', '/review-criteria')).items.map((k) => [k.code, 85]))
      await expert.api('POST', `/review-cases/${task.id}/ballots`, { scores, pass: true, comment: '同意', contentHash: task.contentHash })
    }
    await expert.leave()
  }

  const department = await signed(person, 'department_two')
  await openTask(department, solution)
  await department.sees(/变更对照/, '新增看板大屏')
  const last = department.page.locator('fieldset.checks .item').last()
  await last.getByText('不符合', { exact: true }).click()
  await last.getByPlaceholder('请说明不符合之处').fill('涨价幅度没有说明')
  await department.tick('退回补正')
  await department.choose('原因', '价格不合理')
  await department.fill('请说明理由，以及申请人应当怎样修改', '请说明涨价依据')
  await department.click(/^提交审批/)
  await department.sees('审批已提交')

  await clerk.open('/workbench/tasks')
  await clerk.row(solution, '退回补正').click('详情')
  await clerk.sees('涨价幅度没有说明', '原因：价格不合理')
  await clerk.settle()
  await clerk.shot('review-returned-version')

  // The shop sells what was approved.
  const shop = await clerk.api('GET', `/offerings/${o.id}`)
  assert.deepEqual(shop.content.plans.map((p) => p.prices), c.plans.map((p) => p.prices))
})

walk('06 everybody can read how long the stages take', async ({ person }) => {
  const visitor = await person({ width: 390 })
  await visitor.open('/help')
  await visitor.sees('审批需要多久', '工信厅终审', '5 天')
  assert.equal(await tooWide(visitor.page), false)
  await visitor.shot('review-times')
})
