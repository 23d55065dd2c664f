import { useEffect } from 'preact/hooks';

/** Tells an element's new size in CSS pixels whenever it changes, once it has one. */
export function useElementSize(element: { readonly current: HTMLElement | null }, onSize: (width: number, height: number) => void): void {
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (width > 0 && height > 0) onSize(Math.floor(width), Math.floor(height));
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
}
