import { MetricSeries, type LabelDeclaration, type Labels, type Series } from './metric-series.ts';

export interface MetricOptions<Name extends string = never> {
  /** `autoweave_<subsystem>_<what>_<unit>`, base units; a counter ends in `_total`. */
  readonly name: string;
  readonly help: string;
  /** Names with their possible values where these are known, e.g. `{ action: ['attach', 'detach'] }`. */
  readonly labels?: LabelDeclaration<Name>;
}

/** No argument for a metric without labels, all labels for one with labels. */
type LabelArguments<Name extends string> = [Name] extends [never] ? [labels?: undefined] : [labels: Labels<Name>];

/** One line of the exposition: name suffix, labels, value. */
export interface Sample {
  readonly suffix: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Two declarations of one name must agree in it. */
  readonly signature: string;
  samples(): Iterable<Sample>;
}

export class Counter<Name extends string = never> implements Metric {
  readonly type = 'counter';
  readonly name: string;
  readonly help: string;
  readonly #series: MetricSeries<Name, number>;

  constructor({ name, help, labels }: MetricOptions<Name>) {
    this.name = name;
    this.help = help;
    this.#series = new MetricSeries<Name, number>(labels ?? [], () => 0);
  }

  get signature(): string {
    return this.#series.signature;
  }

  increment(...[labels]: LabelArguments<Name>): void {
    this.#series.at(given(labels)).value += 1;
  }

  /** @throws RangeError when `amount` is negative or not a number: a counter never falls. */
  add(amount: number, ...[labels]: LabelArguments<Name>): void {
    if (!(amount >= 0)) throw new RangeError(`counter ${this.name} cannot grow by ${amount}`);
    this.#series.at(given(labels)).value += amount;
  }

  samples(): Iterable<Sample> {
    return plainSamples(this.#series.values());
  }
}

export class Gauge<Name extends string = never> implements Metric {
  readonly type = 'gauge';
  readonly name: string;
  readonly help: string;
  readonly #series: MetricSeries<Name, number>;

  constructor({ name, help, labels }: MetricOptions<Name>) {
    this.name = name;
    this.help = help;
    this.#series = new MetricSeries<Name, number>(labels ?? [], () => 0);
  }

  get signature(): string {
    return this.#series.signature;
  }

  set(value: number, ...[labels]: LabelArguments<Name>): void {
    this.#series.at(given(labels)).value = value;
  }

  /** For the series of something that is gone. */
  remove(...[labels]: LabelArguments<Name>): void {
    this.#series.remove(given(labels));
  }

  samples(): Iterable<Sample> {
    return plainSamples(this.#series.values());
  }
}

/** Every metric without labels has one series, that of the empty label set. */
function given<Name extends string>(labels: Labels<Name> | undefined): Labels<Name> {
  return labels ?? ({} as Labels<Name>);
}

function* plainSamples(series: Iterable<Series<number>>): Iterable<Sample> {
  for (const { labels, value } of series) yield { suffix: '', labels, value };
}

export type { LabelArguments };
