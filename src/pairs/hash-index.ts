/**
 * Numbers distinct digests in the order of their first appearance, in 16 to 32 bytes each (columns double as they
 * fill): a million keys must not cost a million strings. Compares the first 8 bytes of a digest: among a million keys two collide with probability 3·10^-8.
 */
export class HashIndex {
  #slots = new Int32Array(1024).fill(-1);
  #high = new Uint32Array(512);
  #low = new Uint32Array(512);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of a digest, or −1 where it has none. */
  find(digest: Uint8Array): number {
    const view = new DataView(digest.buffer, digest.byteOffset);
    return this.#slots[this.#slotOf(view.getUint32(0), view.getUint32(4))] as number;
  }

  /** The number of a digest of at least 8 bytes; `size` grows by one where it is new. */
  indexOf(digest: Uint8Array): number {
    const view = new DataView(digest.buffer, digest.byteOffset);
    const high = view.getUint32(0);
    const low = view.getUint32(4);
    if (this.#size === this.#high.length) this.#grow();
    const slot = this.#slotOf(high, low);
    const known = this.#slots[slot] as number;
    if (known !== -1) return known;
    this.#slots[slot] = this.#size;
    this.#high[this.#size] = high;
    this.#low[this.#size] = low;
    return this.#size++;
  }

  /** Orders two numbered digests by their first 8 bytes. */
  compare(a: number, b: number): number {
    const high = (this.#high[a] as number) - (this.#high[b] as number);
    return high !== 0 ? high : (this.#low[a] as number) - (this.#low[b] as number);
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let slot = low & mask;
    for (;;) {
      const index = this.#slots[slot] as number;
      if (index === -1 || (this.#low[index] === low && this.#high[index] === high)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const wider = (from: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> => {
      const to = new Uint32Array(from.length * 2);
      to.set(from);
      return to;
    };
    this.#high = wider(this.#high);
    this.#low = wider(this.#low);
    this.#slots = new Int32Array(this.#slots.length * 2).fill(-1);
    for (let i = 0; i < this.#size; i++) {
      this.#slots[this.#slotOf(this.#high[i] as number, this.#low[i] as number)] = i;
    }
  }
}

/** A growing column of 32-bit numbers. */
export class NumberColumn {
  #values = new Uint32Array(512);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(i: number): number {
    return this.#values[i] ?? 0;
  }

  set(i: number, value: number): void {
    while (i >= this.#values.length) {
      const wider = new Uint32Array(this.#values.length * 2);
      wider.set(this.#values);
      this.#values = wider;
    }
    this.#values[i] = value;
    this.#length = Math.max(this.#length, i + 1);
  }
}
