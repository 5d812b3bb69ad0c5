import { createServer, type Plugin } from 'vite'
import type { RouteRecordRaw } from 'vue-router'

/**
 * Writes dist/routes.json: the address, title and description of every page.
 * The server reads it to know which addresses exist and what to call them.
 */
export function routesTable(module: string): Plugin {
  return {
    name: 'routes-table',
    apply: 'build',
    async generateBundle() {
      // The routes are TypeScript with lazy pages; a server of Vite can read them.
      const server = await createServer({
        configFile: false,
        resolve: { alias: { '@': '/src' } },
        server: { middlewareMode: true, ws: false },
        optimizeDeps: { noDiscovery: true },
        logLevel: 'error',
      })
      try {
        const { routes } = (await server.ssrLoadModule(module)) as { routes: RouteRecordRaw[] }
        this.emitFile({
          type: 'asset',
          fileName: 'routes.json',
          source: JSON.stringify(table(routes), null, 2),
        })
      } finally {
        await server.close()
      }
    },
  }
}

interface Page {
  path: string
  title: string
  description?: string
  /** Behind the sign-in, so nothing for search engines. */
  private: boolean
}

function table(routes: RouteRecordRaw[], base = ''): Page[] {
  return routes.flatMap((r) => {
    const path = r.path.startsWith('/') ? r.path : `${base}/${r.path}`.replace(/\/$/, '')
    const inner = table(r.children ?? [], path)
    if (r.redirect || !r.meta?.title || path.startsWith('/:')) return inner
    const { title, description, shell, roles, permission, signedIn } = r.meta
    const isPrivate = shell === 'workbench' || !!(roles || permission || signedIn)
    return [
      { path: path.replace(/\([^)]*\)/g, ''), title, description, private: isPrivate },
      ...inner,
    ]
  })
}
