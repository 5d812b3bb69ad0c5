// Shows the contract: operations by group, who may call them, what they take
// and answer. Everything is read from /api/openapi.json and written as text.

const roleNames = {
  enterprise: '企业用户', provider: '服务商', expert: '专家', operator: '运营人员', department: '工信厅', admin: '系统管理员',
}
const places = { path: '路径', query: '查询', header: '请求头', cookie: 'Cookie' }

let contract

/** Makes an element; children are elements or texts. */
function el(tag, attributes, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes ?? {})) made.setAttribute(name, value)
  made.append(...children.flat().filter((child) => child !== null && child !== undefined))
  return made
}

function resolve(schema) {
  const name = schema?.$ref?.split('/').pop()
  return name ? { name, ...contract.components.schemas[name] } : schema ?? {}
}

function typeOf(schema) {
  const s = resolve(schema)
  const types = [s.type ?? (s.properties ? 'object' : 'any')].flat()
  const words = types.map((type) => (type === 'array' ? `${typeOf(s.items)}[]` : s.name && type === 'object' ? s.name : type))
  return words.join(' | ') + (s.format ? ` (${s.format})` : '')
}

function limits(s) {
  const rules = []
  if (s.enum) rules.push(`可选值 ${s.enum.join('、')}`)
  if (s.minLength !== undefined) rules.push(`至少 ${s.minLength} 字`)
  if (s.maxLength !== undefined) rules.push(`至多 ${s.maxLength} 字`)
  if (s.minimum !== undefined) rules.push(`≥ ${s.minimum}`)
  if (s.maximum !== undefined) rules.push(`≤ ${s.maximum}`)
  if (s.minItems !== undefined) rules.push(`至少 ${s.minItems} 项`)
  if (s.maxItems !== undefined) rules.push(`至多 ${s.maxItems} 项`)
  if (s.pattern) rules.push(`格式 ${s.pattern}`)
  if (s.default !== undefined) rules.push(`默认 ${JSON.stringify(s.default)}`)
  return rules.join('；')
}

function table(heads, rows) {
  return el('table', {},
    el('thead', {}, el('tr', {}, heads.map((head) => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, rows.map((row) => el('tr', {}, row.map((cell) => el('td', {}, cell))))))
}

/** The fields of an object, its inner objects folded; depth ends circles. */
function fields(schema, depth = 0) {
  const s = resolve(schema)
  if (s.type === 'array' || [s.type].flat().includes('array')) return fields(s.items, depth)
  if (!s.properties) return el('p', {}, el('code', {}, typeOf(schema)), ' ', s.description ?? '', ' ', limits(s))
  return table(['字段', '类型', '说明'], Object.entries(s.properties).filter(([name]) => name !== '$schema').map(([name, property]) => {
    const p = resolve(property)
    const inner = resolve([p.type].flat().includes('array') ? p.items : p)
    const more = inner.properties && depth < 4
      ? el('details', { class: 'schema' }, el('summary', {}, inner.name ?? '字段'), fields(inner, depth + 1))
      : null
    return [
      [el('code', {}, name), s.required?.includes(name) ? el('span', { class: 'need' }, ' 必填') : null],
      el('code', {}, typeOf(property)),
      [property.description ?? p.description ?? '', ' ', el('span', { class: 'soft' }, limits(p)), more],
    ]
  }))
}

function callers(permission) {
  if (!permission) return ''
  if (permission.public) return '公开'
  const named = permission.roles ?? []
  const roles = Object.keys(roleNames).every((role) => named.includes(role)) ? '登录用户' : named.map((role) => roleNames[role] ?? role).join('、')
  return permission.permission ? `${roles}（权限 ${permission.permission}）` : roles
}

function body(content) {
  const [[kind, media] = []] = Object.entries(content ?? {})
  return kind ? [el('p', { class: 'soft' }, el('code', {}, kind)), media.schema ? fields(media.schema) : null] : []
}

function details(operation) {
  const parts = []
  if (operation.description) parts.push(el('p', {}, operation.description))
  parts.push(el('p', {}, '名称 ', el('code', {}, operation.operationId), '　可调用：', callers(operation['x-permission'])))
  if (operation.parameters?.length) {
    parts.push(el('h3', {}, '参数'), table(['名称', '位置', '类型', '说明'], operation.parameters.map((p) => [
      [el('code', {}, p.name), p.required ? el('span', { class: 'need' }, ' 必填') : null],
      places[p.in] ?? p.in,
      el('code', {}, typeOf(p.schema)),
      [p.description ?? p.schema?.description ?? '', ' ', el('span', { class: 'soft' }, limits(resolve(p.schema)))],
    ])))
  }
  if (operation.requestBody) parts.push(el('h3', {}, '请求内容'), ...body(operation.requestBody.content))
  const answers = Object.entries(operation.responses ?? {})
  const refusals = answers.filter(([status]) => !/^[23]/.test(status))
  for (const [status, response] of answers.filter((answer) => !refusals.includes(answer))) {
    parts.push(el('h3', {}, `应答 ${status}`), ...body(response.content))
  }
  if (refusals.length) {
    // Every refusal has the same form.
    parts.push(el('h3', {}, `错误应答 ${refusals.map(([status]) => status).join('、')}`),
      el('details', { class: 'schema' }, el('summary', {}, '内容'), body(refusals[0][1].content)))
  }
  if (operation['x-errors']) {
    parts.push(el('h3', {}, '错误代码'), el('p', {}, operation['x-errors'].flatMap((code) => [el('code', {}, code), ' '])))
  }
  return el('div', {}, parts.flat())
}

function operationsOf(contract) {
  const base = contract.servers?.[0]?.url ?? ''
  return Object.entries(contract.paths).flatMap(([path, item]) =>
    ['get', 'post', 'put', 'patch', 'delete'].filter((method) => item[method]).map((method) => {
      const operation = item[method]
      const entry = { tag: operation.tags?.[0] ?? '其他', path: base + path, method: method.toUpperCase(), operation }
      entry.text = [entry.method, entry.path, entry.tag, operation.operationId, operation.summary, operation.description, callers(operation['x-permission'])]
        .join(' ').toLowerCase()
      return entry
    }))
}

/** One folded operation; what is inside is made when it is opened. */
function show({ method, path, operation }) {
  const shown = el('details', { class: 'operation', id: operation.operationId },
    el('summary', {},
      el('span', { class: `method ${method}` }, method),
      el('code', {}, path),
      el('span', {}, operation.summary ?? ''),
      el('span', { class: 'roles' }, callers(operation['x-permission']))))
  shown.addEventListener('toggle', () => {
    if (shown.open && shown.childElementCount === 1) shown.append(details(operation))
  })
  return shown
}

function list(entries, wanted) {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean)
  const found = entries.filter((entry) => words.every((word) => entry.text.includes(word)))
  const groups = Map.groupBy ? Map.groupBy(found, (entry) => entry.tag) : found.reduce((all, entry) => all.set(entry.tag, [...(all.get(entry.tag) ?? []), entry]), new Map())
  document.getElementById('count').textContent = `${found.length} 个接口`
  document.getElementById('tags').replaceChildren(...[...groups].map(([tag, inTag]) =>
    el('a', { href: `#tag-${tag}` }, tag, el('span', {}, String(inTag.length)))))
  document.getElementById('operations').replaceChildren(...[...groups].map(([tag, inTag]) =>
    el('section', {}, el('h2', { id: `tag-${tag}` }, tag), inTag.map(show))))
}

/** Opens the operation that the address names, for links to one operation. */
function follow() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target?.matches('details')) target.open = true
  target?.scrollIntoView()
}

try {
  const answer = await fetch('/api/openapi.json')
  if (!answer.ok) throw new Error(String(answer.status))
  contract = await answer.json()
  const entries = operationsOf(contract)
  const search = document.getElementById('search')
  search.addEventListener('input', () => list(entries, search.value))
  list(entries, '')
  follow()
  addEventListener('hashchange', follow)
} catch (error) {
  document.getElementById('operations').replaceChildren(el('p', {}, `接口定义无法读取（${error.message}），请稍后刷新页面。`))
}
