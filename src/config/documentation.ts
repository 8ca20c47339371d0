import { stringify } from 'yaml'
import * as z from 'zod'
import { circuitRuleSchema, receiverSchema } from './alerts-schema.ts'
import { channelSchema } from './device-schema.ts'
import { variableName } from './environment.ts'
import { fileSchema } from './file-schema.ts'
import { formatKeyPath, type KeyPath } from './key-path.ts'
import { listDeviceSettings, listSettings, schemaAt, type Setting, unwrapped } from './settings.ts'

/** The JSON Schema of the configuration file, for completion and checks in editors. */
export function configJsonSchema(): unknown {
  return z.toJSONSchema(fileSchema, {
    io: 'input',
    override({ jsonSchema }) {
      if (typeof jsonSchema['leftOut'] === 'string') {
        jsonSchema.description = `${jsonSchema.description} Default: ${jsonSchema['leftOut']}.`
        delete jsonSchema['leftOut']
      }
      if (isEmpty(jsonSchema.default)) delete jsonSchema.default
    },
  })
}

/** The text of docs/configuration.md with its tables of keys as they are now, each between its two comments. */
export function withKeyTables(text: string): string {
  return Object.entries(keyTables()).reduce((shown, [name, table]) => {
    const [start, end] = [`<!-- keys of ${name}: npm run schema writes this table -->\n`, `\n<!-- end of ${name} -->`]
    const [from, until] = [shown.indexOf(start), shown.indexOf(end)]
    if (from < 0 || until < from) throw new Error(`found no place for the keys of ${name}; expected ${start}${end}`)
    return `${shown.slice(0, from)}${start}\n${table}\n${shown.slice(until)}`
  }, text)
}

function keyTables(): Readonly<Record<string, string>> {
  const isOfStore = ({ path }: Setting) => path[0] === 'store'
  const ofDevice = listDeviceSettings(0).map(({ path, kind }) => {
    const key = path.slice(2)
    return [...rowOf(key, schemaAt(path)), variable(['devices', 'iwatt5', ...key], kind)]
  })
  const [store, file] = [listSettings().filter(isOfStore), listSettings().filter((setting) => !isOfStore(setting))]
  const storeRow = [...rowOf(['store'], fileSchema.shape.store), '']
  return {
    'the file': table([[...HEAD, 'environment'], storeRow, ...file.map(settingRow)]),
    store: table([[...HEAD, 'environment'], ...store.map(settingRow)]),
    devices: table([[...HEAD, 'environment, of the device `iwatt5`'], ...ofDevice]),
    channels: keyTable(channelSchema),
    receivers: keyTable(receiverSchema),
    'circuits of alerts': keyTable(circuitRuleSchema),
  }
}

function keyTable({ shape }: z.ZodObject): string {
  return table([HEAD, ...Object.entries(shape).map(([key, schema]) => rowOf([key], schema))])
}

const HEAD = ['key', 'default', 'meaning']

function settingRow({ path, kind }: Setting): string[] {
  return [...rowOf(path, schemaAt(path)), variable(path, kind)]
}

function variable(path: KeyPath, kind: Setting['kind']): string {
  return `\`${variableName(path)}\`${kind === 'yaml' ? ' (YAML)' : ''}`
}

function rowOf(path: KeyPath, schema: unknown): string[] {
  const { description = '', examples = [], leftOut } = meta(schema)
  const inner = unwrapped(schema)
  const choices = inner instanceof z.ZodEnum ? ` One of ${codes(inner.options)}.` : ''
  const example = examples.length > 0 ? ` For example ${codes(examples)}.` : ''
  return [`\`${formatKeyPath(path)}\``, leftOut ?? defaultOf(schema), `${description}${choices}${example}`]
}

function defaultOf(schema: unknown): string {
  if (schema instanceof z.ZodOptional) return ''
  if (!(schema instanceof z.ZodPrefault)) return 'required'
  const { defaultValue } = schema.def
  return isEmpty(defaultValue) ? 'none' : codes([defaultValue])
}

function codes(values: readonly unknown[]): string {
  const shown = (value: unknown) =>
    typeof value === 'string' ? value : stringify(value, { collectionStyle: 'flow' }).trim()
  return values.map((value) => `\`${shown(value)}\``).join(', ')
}

const text = z.string().optional()
const metaSchema = z.object({ description: text, examples: z.array(z.unknown()).optional(), leftOut: text })

/** What a schema says of itself, or what is inside it. */
function meta(schema: unknown): z.infer<typeof metaSchema> {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault) return meta(schema.unwrap())
  const inner = schema instanceof z.ZodPipe ? meta(schema.in) : {}
  return schema instanceof z.ZodType ? { ...inner, ...metaSchema.parse(schema.meta() ?? {}) } : inner
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** As Prettier lays it out. */
function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const padded = (row: readonly string[]) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)))
  return [padded(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(padded)].join('\n')
}
