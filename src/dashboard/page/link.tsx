import type { ComponentChildren, JSX } from 'preact'
import type { View } from '../../api/view-questions.ts'
import { usePage } from './page.ts'
import type { Query } from './route.ts'

interface LinkProps {
  readonly view: View
  readonly query?: Query
  readonly isCurrent?: boolean
  /** Where its words alone do not say where it leads; begins with them. */
  readonly label?: string
  readonly children: ComponentChildren
}

/** A link inside of the page; with a key held down the browser does what it does with links. */
export function Link({ view, query, isCurrent = false, label, children }: LinkProps): JSX.Element {
  const { router } = usePage()
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    router.go(view, query)
  }
  return (
    <a
      href={router.hrefOf(view, query)}
      aria-current={isCurrent ? 'page' : undefined}
      aria-label={label}
      onClick={follow}
    >
      {children}
    </a>
  )
}
