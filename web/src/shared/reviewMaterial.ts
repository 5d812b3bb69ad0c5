import { defineAsyncComponent, type Component } from 'vue'
import type { Schemas } from '@/api/client'

export type CaseKind = Schemas['ReviewCase']['kind']

/** What a reviewer says of one field. */
export interface ReviewRemark {
  field: string
  reason?: string
  comment?: string
}

/**
 * What a case is about, shown beside its decision; each kind comes from the
 * feature that owns the matter, in a file NAMEMaterial.vue. Props are
 * `{ caseId: string, subjectId: string }`; a material whose fields can be sent
 * back for correction also has `v-model:marked` (JSON pointers) and shows its
 * boxes when `markable` is set; one that takes words for single fields has
 * `v-model:remarks` (by pointer).
 */
const files = {
  enterprise_verification: 'VerificationMaterial',
  provider_verification: 'VerificationMaterial',
  listing: 'ListingMaterial',
  campaign: 'CampaignMaterial',
} as const satisfies Record<CaseKind, string>

const found = import.meta.glob<{ default: Component }>('../features/*/*Material.vue')

/** The component for a kind of case; undefined when no feature offers one. */
export function reviewMaterial(kind: CaseKind): Component | undefined {
  const at = Object.keys(found).find((path) => path.endsWith(`/${files[kind]}.vue`))
  return at ? defineAsyncComponent(found[at]!) : undefined
}

const editors = {
  enterprise_verification: () => '/workbench/org',
  provider_verification: () => '/workbench/org',
  listing: (id) => `/workbench/offerings/${id}/edit`,
  campaign: (id) => `/workbench/campaigns/${id}/edit`,
} as const satisfies Record<CaseKind, (subjectId: string) => string>

/** Where 重新编辑 of a withdrawn or refused submission leads. */
export const revisionPath = (kind: CaseKind, subjectId: string): string => editors[kind](subjectId)
