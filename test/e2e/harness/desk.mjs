// What staff do at their desks on every kind of application.

/** Opens the application of this name that waits for the person. */
export async function openTask(person, title) {
  await person.open('/workbench')
  await person.click('待我审批')
  await person.fill('申请名称', title)
  await person.click('查询')
  await person.settle()
  await person.click(new RegExp(title))
  await person.settle()
}

/** Finds every point of the check-list in order. */
export async function checkAll(person) {
  const points = person.page.locator('form[aria-label=审批意见] fieldset.checks .item')
  for (const point of await points.all()) await point.getByText('符合', { exact: true }).click()
}
