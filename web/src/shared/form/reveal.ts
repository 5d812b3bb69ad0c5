import { inject, provide, type InjectionKey } from 'vue'

/** Opens one masked personal answer in full. */
export type Reveal = (key: string) => Promise<string>

const key: InjectionKey<Reveal> = Symbol('reveal')

/** Says that personal answers below are masked, and how one is opened. */
export const revealBy = (reveal: Reveal) => provide(key, reveal)

/** undefined where answers are shown as they are. */
export const useReveal = () => inject(key, undefined)
