/** IndexedDB as promises: the few calls that offline pages need. */

/** Opens a database whose stores are keyed by `keys[store]`; new stores are added at a higher version. */
export function openDatabase(
  name: string,
  version: number,
  keys: Record<string, string>,
): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, version);
    asked.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(keys)) {
        if (!asked.result.objectStoreNames.contains(store)) {
          asked.result.createObjectStore(store, { keyPath });
        }
      }
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("no database"));
  });
}

function done<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("database"));
  });
}

export function readAll<T>(database: IDBDatabase, store: string): Promise<T[]> {
  return done(database.transaction(store).objectStore(store).getAll() as IDBRequest<T[]>);
}

export function readOne<T>(database: IDBDatabase, store: string, key: string): Promise<T | undefined> {
  return done(
    database.transaction(store).objectStore(store).get(key) as IDBRequest<T | undefined>,
  );
}

/** Resolves when the write is on the device for good. */
export function write(database: IDBDatabase, store: string, value: unknown): Promise<void> {
  return finished(database, store, (table) => table.put(value));
}

export function remove(database: IDBDatabase, store: string, key: string): Promise<void> {
  return finished(database, store, (table) => table.delete(key));
}

export function clear(database: IDBDatabase, store: string): Promise<void> {
  return finished(database, store, (table) => table.clear());
}

function finished(
  database: IDBDatabase,
  store: string,
  act: (table: IDBObjectStore) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, "readwrite");
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error ?? new Error("database"));
    transaction.onabort = () => reject(transaction.error ?? new Error("database"));
    act(transaction.objectStore(store));
  });
}
