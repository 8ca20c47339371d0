import * as z from 'zod'
import { fileSchema } from './file-schema.ts'

/** The JSON Schema of the configuration file, for completion and checks in editors. */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(fileSchema, { io: 'input' })
}
