import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import 'element-plus/theme-chalk/base.css'
import App from './App.vue'
import { queryClient } from './query'
import { router } from './router'
import './theme.css'

if (localStorage.getItem('large-type') === 'on')
  document.documentElement.classList.add('large-type')

const app = createApp(App).use(router).use(VueQueryPlugin, { queryClient })
// What the server has written stays until the page that takes its place is there.
void router
  .isReady()
  .catch(() => undefined)
  .then(() => app.mount('#app'))
