import { inject, provide, ref, type InjectionKey, type Ref } from 'vue'

const key: InjectionKey<Ref<Record<string, string>>> = Symbol('file names')

/** Lets fields below show uploads by the names that the server told. */
export const fileNames = (names: Ref<Record<string, string>>) => provide(key, names)

/** Names of uploads by id. */
export const useFileNames = () => inject(key, () => ref<Record<string, string>>({}), true)
