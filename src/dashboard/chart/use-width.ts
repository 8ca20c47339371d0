import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'

/** The width of what is drawn into, in full pixels; 0 before it is known. */
export function useWidth(): readonly [RefObject<HTMLDivElement | null>, number] {
  const ref = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const element = ref.current
    if (element === null) return undefined
    const measure = () => setWidth(Math.floor(element.clientWidth))
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    addEventListener('beforeprint', measure)
    return () => {
      observer.disconnect()
      removeEventListener('beforeprint', measure)
    }
  }, [])
  return [ref, width]
}

const PHONE_PX = 640

export function useIsPhone(): boolean {
  const [isPhone, setIsPhone] = useState(() => matchMedia(`(max-width: ${PHONE_PX}px)`).matches)
  useLayoutEffect(() => {
    const query = matchMedia(`(max-width: ${PHONE_PX}px)`)
    const change = () => setIsPhone(query.matches)
    query.addEventListener('change', change)
    return () => query.removeEventListener('change', change)
  }, [])
  return isPhone
}
