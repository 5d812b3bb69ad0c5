export const siteName = '中小企业数字化转型公共服务平台'

/** Names the page in the browser's tab, as the server names it in the first answer. */
export function pageTitle(title?: string): void {
  document.title = title && title !== siteName ? `${title} - ${siteName}` : siteName
}
