import { ref } from 'vue'

const large = ref(document.documentElement.classList.contains('large-type'))

/** Letters a quarter larger, remembered on this computer. */
export function useLargeType() {
  function toggle() {
    large.value = !large.value
    document.documentElement.classList.toggle('large-type', large.value)
    localStorage.setItem('large-type', large.value ? 'on' : 'off')
  }
  return { large, toggle }
}
