import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { expect } from 'vitest'

const COMMAND = 'npm run documents'

/** Holds that parts of a document are what the tests make of the program; `npm run documents` writes them. */
export async function expectSections(document: string, sections: Readonly<Record<string, string>>): Promise<void> {
  const path = fileURLToPath(new URL(`../../${document}`, import.meta.url))
  let text = await readFile(path, 'utf8')
  for (const [name, content] of Object.entries(sections)) {
    const [start, end] = [`<!-- ${name}: ${COMMAND} writes this -->`, `<!-- end of ${name} -->`]
    const [from, until] = [text.indexOf(start), text.indexOf(end)]
    if (from < 0 || until < from) throw new Error(`${document} has no section between ${start} and ${end}`)
    text = `${text.slice(0, from)}${start}\n\n${content}\n\n${text.slice(until)}`
  }
  const formatted = await format(text, { ...(await resolveConfig(path)), filepath: path })
  await expect(formatted, `${document} is out of date: ${COMMAND}`).toMatchFileSnapshot(path)
}

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

/** In a cell: as it is printed, line by line. */
export function asPrinted(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => asCode(line.trim()))
    .join('<br>')
}

/** A run of backquotes that is in the text cannot end it. */
function asCode(text: string): string {
  const code = text.replaceAll('|', String.raw`\|`)
  return code.includes('`') ? `\`\` ${code} \`\`` : `\`${code}\``
}
