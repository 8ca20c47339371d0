/** Colours of the style sheet as a canvas takes them, which knows neither variables nor `color-mix`. */
export interface CanvasColours {
  solid(css: string, opacity?: number): string
  /** Made again with each theme. */
  hatch(): CanvasPattern | string
}

const HATCH_PX = 5

export function canvasColours(element: HTMLElement): CanvasColours {
  const document = element.ownerDocument
  const probe = document.createElement('i')
  element.append(probe)
  const resolve = (css: string): string => {
    probe.style.color = css
    return getComputedStyle(probe).color
  }
  const known = new Map<string, string>()
  const solid = (css: string, opacity = 1): string => {
    const key = `${css} ${opacity}`
    const found =
      known.get(key) ?? resolve(opacity === 1 ? css : `color-mix(in srgb, ${css} ${opacity * 100}%, transparent)`)
    known.set(key, found)
    return found
  }
  return {
    solid,
    hatch() {
      const ratio = devicePixelRatio
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = Math.round(HATCH_PX * ratio)
      const context = canvas.getContext('2d')
      if (context === null) return solid('var(--rest)')
      const size = canvas.width
      context.fillStyle = solid('var(--bg)')
      context.fillRect(0, 0, size, size)
      context.strokeStyle = solid('var(--rest)')
      context.lineWidth = 1.4 * ratio
      for (const shift of [-size, 0, size]) {
        context.beginPath()
        context.moveTo(shift, size)
        context.lineTo(shift + size, 0)
        context.stroke()
      }
      return context.createPattern(canvas, 'repeat') ?? solid('var(--rest)')
    },
  }
}
