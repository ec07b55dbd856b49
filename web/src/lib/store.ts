import { useSyncExternalStore } from "react";

/** A value kept in localStorage, shared by every tab and component that reads it. */
export interface Store<T> {
  get(): T;
  set(next: T): void;
  use(): T;
}

export function createStore<T>(key: string, parse: (raw: unknown) => T): Store<T> {
  const listeners = new Set<() => void>();
  const load = (): T => {
    try {
      return parse(JSON.parse(localStorage.getItem(key) ?? "null"));
    } catch {
      return parse(null);
    }
  };
  let value = load();
  const announce = () => listeners.forEach((listener) => listener());
  if (typeof window !== "undefined") {
    window.addEventListener("storage", (event) => {
      if (event.key !== key) return;
      value = load();
      announce();
    });
  }
  const get = () => value;
  return {
    get,
    set(next) {
      value = next;
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // Storage may be full or blocked; the value still holds until the page closes.
      }
      announce();
    },
    use: () =>
      useSyncExternalStore((listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      }, get),
  };
}
