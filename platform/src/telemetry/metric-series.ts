/** Label names with the values each may take; an empty list, or a plain list of names, leaves the values open. */
export type LabelDeclaration<Name extends string> = readonly Name[] | Readonly<Record<Name, readonly string[]>>;
export type Labels<Name extends string> = Readonly<Record<Name, string>>;

/** Where a value goes that was not declared, or came when its label had `maximumOpenValues` already. */
const overflowValue = 'other';
const maximumOpenValues = 100;

export interface Series<Value> {
  readonly labels: Readonly<Record<string, string>>;
  value: Value;
}

/**
 * The series of one metric, one per combination of label values. Bounded: a label can never have more values than
 * were declared, or than the cap, plus `other`. Combinations of declared values exist from the start, so that a rate
 * over the first increment is right.
 */
export class MetricSeries<Name extends string, Value> {
  readonly #declared: ReadonlyMap<Name, readonly string[]>;
  readonly #create: () => Value;
  readonly #series = new Map<string, Series<Value>>();
  readonly #openValues = new Map<Name, Set<string>>();

  constructor(labels: LabelDeclaration<Name>, create: () => Value) {
    this.#declared = declaredValues(labels);
    this.#create = create;
    if (this.#declared.values().every((values) => values.length > 0)) {
      for (const combination of combinations([...this.#declared])) this.at(combination);
    }
  }

  /** Changes when the same metric is declared differently. */
  get signature(): string {
    return JSON.stringify([...this.#declared]);
  }

  at(labels: Labels<Name>): Series<Value> {
    const bounded = this.#bounded(labels);
    const key = seriesKey(bounded);
    const existing = this.#series.get(key);
    if (existing !== undefined) return existing;
    const created = { labels: bounded, value: this.#create() };
    this.#series.set(key, created);
    return created;
  }

  remove(labels: Labels<Name>): void {
    this.#series.delete(seriesKey(this.#ordered(labels)));
    for (const [name, open] of this.#openValues) {
      const isKept = this.#series.values().some((series) => series.labels[name] === labels[name]);
      if (!isKept) open.delete(labels[name]);
    }
  }

  values(): Iterable<Series<Value>> {
    return this.#series.values();
  }

  #ordered(labels: Labels<Name>): Labels<Name> {
    const ordered: Partial<Record<Name, string>> = {};
    for (const name of this.#declared.keys()) ordered[name] = labels[name];
    return ordered as Labels<Name>;
  }

  #bounded(labels: Labels<Name>): Labels<Name> {
    const bounded: Partial<Record<Name, string>> = {};
    for (const [name, values] of this.#declared) {
      bounded[name] = this.#isAllowed(name, values, labels[name]) ? labels[name] : overflowValue;
    }
    return bounded as Labels<Name>;
  }

  #isAllowed(name: Name, declared: readonly string[], value: string): boolean {
    if (declared.length > 0) return declared.includes(value);
    const open = this.#openValues.get(name) ?? new Set();
    this.#openValues.set(name, open);
    if (!open.has(value) && open.size >= maximumOpenValues) return false;
    open.add(value);
    return true;
  }
}

function declaredValues<Name extends string>(labels: LabelDeclaration<Name>): ReadonlyMap<Name, readonly string[]> {
  if (isNameList(labels)) return new Map(labels.map((name) => [name, []]));
  return new Map(Object.entries(labels) as [Name, readonly string[]][]);
}

function isNameList<Name extends string>(labels: LabelDeclaration<Name>): labels is readonly Name[] {
  return Array.isArray(labels);
}

function combinations<Name extends string>(declared: readonly (readonly [Name, readonly string[]])[]): Labels<Name>[] {
  let all: Partial<Record<Name, string>>[] = [{}];
  for (const [name, values] of declared) {
    all = all.flatMap((labels) => values.map((value) => ({ ...labels, [name]: value })));
  }
  return all as Labels<Name>[];
}

function seriesKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.values(labels));
}
