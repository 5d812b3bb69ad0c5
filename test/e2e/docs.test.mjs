import assert from 'node:assert/strict'
import { barriers, tooWide } from './harness/look.mjs'
import { suite } from './harness/walk.mjs'

const { walk } = suite()

walk('a developer finds an operation in the interface documents', async ({ person }) => {
  const developer = await person()
  await developer.open('/api/docs')
  await developer.fill('查找', 'uploadfile')
  await developer.sees('1 个接口')
  await developer.click('/api/v1/files')
  await developer.sees('必填', /可选值 license/)
  assert.deepEqual(await barriers(developer.page), [])
  await developer.shot('api-docs')
})

walk('the interface documents fit a phone', async ({ person }) => {
  const developer = await person({ width: 390 })
  await developer.open('/api/docs')
  await developer.sees('接口文档')
  assert.equal(await tooWide(developer.page), false)
})
