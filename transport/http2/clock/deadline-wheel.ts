// Deadlines of all calls in one wheel of slots: adding and removing relink a list, no timer object is made a call.
// A deadline fires at most one slot late and never early; the one real timer sleeps until the next used slot.

const SLOT_WIDTH = 4;
const SLOTS = 2_048;

/** Something with a deadline. The two links belong to the wheel. */
export interface Timed {
  /** When it is due, in milliseconds of `performance.now()`. */
  dueAt: number;
  wheelNext: Timed | undefined;
  wheelPrevious: Timed | undefined;
  /** In the wheel at present. */
  wheelSlot: number;
  onDue(): void;
}

class DeadlineWheel {
  readonly #slots: (Timed | undefined)[] = new Array<Timed | undefined>(SLOTS).fill(undefined);
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;
  // First slot number (not wrapped) that has not been looked at.
  #cursor = 0;

  /** Entries at present. */
  get size(): number {
    return this.#count;
  }

  /** Enters `item` at its `dueAt`; it must not be in the wheel. */
  add(item: Timed): void {
    if (this.#count === 0) this.#cursor = Math.floor(performance.now() / SLOT_WIDTH);
    const number = Math.max(Math.ceil(item.dueAt / SLOT_WIDTH), this.#cursor);
    const slot = number % SLOTS;
    const head = this.#slots[slot];
    item.wheelSlot = slot;
    item.wheelPrevious = undefined;
    item.wheelNext = head;
    if (head !== undefined) head.wheelPrevious = item;
    this.#slots[slot] = item;
    this.#count++;
    if (number * SLOT_WIDTH < this.#wakesAt) this.#wakeAt(number * SLOT_WIDTH);
  }

  /** Takes `item` out; harmless when it is not in. */
  remove(item: Timed): void {
    if (item.wheelSlot < 0) return;
    const { wheelNext: next, wheelPrevious: previous } = item;
    if (previous === undefined) this.#slots[item.wheelSlot] = next;
    else previous.wheelNext = next;
    if (next !== undefined) next.wheelPrevious = previous;
    item.wheelNext = undefined;
    item.wheelPrevious = undefined;
    item.wheelSlot = -1;
    this.#count--;
  }

  #wakeAt(time: number): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#wakesAt = time;
    this.#timer = setTimeout(() => this.#turn(), Math.max(1, Math.ceil(time - performance.now())));
    this.#timer.unref();
  }

  #turn(): void {
    const now = performance.now();
    this.#timer = undefined;
    this.#wakesAt = Number.POSITIVE_INFINITY;
    const last = Math.floor(now / SLOT_WIDTH);
    // After a pause longer than a turn every slot is looked at once.
    const first = Math.max(this.#cursor, last - SLOTS + 1);
    this.#cursor = last + 1;
    for (let number = first; number <= last; number++) this.#fire(number % SLOTS, now);
    if (this.#count === 0) return;
    for (let ahead = 0; ahead < SLOTS; ahead++) {
      if (this.#slots[(last + 1 + ahead) % SLOTS] === undefined) continue;
      const time = (last + 1 + ahead) * SLOT_WIDTH;
      if (time < this.#wakesAt) this.#wakeAt(time);
      return;
    }
  }

  #fire(slot: number, now: number): void {
    let item = this.#slots[slot];
    while (item !== undefined) {
      const next: Timed | undefined = item.wheelNext;
      if (item.dueAt <= now) {
        this.remove(item);
        try {
          item.onDue();
        } catch (error) {
          // The wheel must go on turning; the error is as loud as in any other timer.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
      // What onDue did may have taken the next one out: then the list is walked from its head again.
      item = next === undefined || next.wheelSlot === slot ? next : this.#slots[slot];
    }
  }
}

export const deadlineWheel = new DeadlineWheel();
