/** A company form as the server defines it (internal/org/form). */
export type FieldType =
  | 'text'
  | 'textarea'
  | 'integer'
  | 'decimal'
  | 'money'
  | 'percent'
  | 'date'
  | 'month'
  | 'select'
  | 'multiselect'
  | 'cascade'
  | 'region'
  | 'phone'
  | 'email'
  | 'uscc'
  | 'image'
  | 'file'
  | 'group'

export interface Condition {
  field: string
  is?: string
  /** Answered, and not this. */
  not?: string
  filled?: boolean
}

export interface FormField {
  key: string
  label: string
  type: FieldType
  /** Whose data it is: shown masked to others. */
  sensitive?: string
  required?: boolean
  placeholder?: string
  help?: string
  /** The unit shown; money travels in fen whatever the unit is. */
  unit?: string
  decimals?: number
  min?: string
  max?: string
  minLength?: number
  maxLength?: number
  pattern?: string
  codelist?: string
  /** How deep to choose in a tree. */
  levels?: number
  /** A higher entry of the tree may be chosen as a whole. */
  anyLevel?: boolean
  /** Entries besides the code list. */
  extra?: { value: string; label: string }[]
  maxItems?: number
  /** With a text KEY_detail beside the region. */
  detailAddress?: boolean
  accept?: string[]
  maxSizeMb?: number
  repeat?: { min: number; max: number; label?: string }
  visibleWhen?: Condition
  requiredWhen?: Condition
  computed?: { percentOf?: string[]; sizeOf?: string[] }
  fields?: FormField[]
}

export interface FormSection {
  key: string
  label: string
  /** Fields as the section's header counts them. */
  count: number
  fields: FormField[]
}

export interface FormDefinition {
  version: string
  kind: 'enterprise' | 'provider'
  year: number
  sections: FormSection[]
}

/** Answers by field key; see the package comment of internal/org/form for what each type holds. */
export type Values = Record<string, unknown>

/** A returned submission: what may be answered anew, and why. */
export interface Correction {
  /** Keys that are open; all others stay as they were handed in. */
  open: readonly string[]
  /** Pointers that the reviewer marked. */
  marked: readonly string[]
  remarks: readonly { field: string; reason?: string; comment?: string }[]
  /** What was handed in for the open keys. */
  values: Values
}

/** What is wrong with the answer at a JSON pointer. */
export interface FieldError {
  pointer: string
  code: string
  detail: string
}
