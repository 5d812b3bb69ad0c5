import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig } from 'vitest/config'
import { routesTable } from './scripts/routesTable.ts'

export default defineConfig(({ mode }) => ({
  plugins: [
    vue(),
    // Element Plus by name, each with its own style; our own components are imported by hand.
    Components({
      dirs: [],
      // Node, which runs the tests, cannot load styles.
      resolvers: [ElementPlusResolver({ importStyle: mode === 'test' ? false : 'css' })],
      dts: 'src/components.d.ts',
    }),
    routesTable('/src/app/routes.ts'),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    manifest: true,
    chunkSizeWarningLimit: 700,
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'base', tags: ['$initial'], priority: 3 },
            { name: 'dates', test: /element-plus.*(date-picker|time-picker|time-select)|dayjs/ },
            { name: 'form', test: /src\/shared\/form\/\w+\.vue/ },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8080', '/_test': 'http://127.0.0.1:8080' } },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    // Some components bring a style along by hand, which Node cannot load by itself.
    server: { deps: { inline: ['element-plus'] } },
  },
}))
