import { MetricSeries, type LabelDeclaration, type Labels, type Series } from './metric-series.ts';

export interface MetricOptions<Name extends string = never> {
  /** `autoweave_<subsystem>_<what>_<unit>`, base units; a counter ends in `_total`. */
  readonly name: string;
  readonly help: string;
  /** Names with their possible values where these are known, e.g. `{ action: ['attach', 'detach'] }`. */
  readonly labels?: LabelDeclaration<Name>;
}

/** No argument for a metric without labels, all labels for one with labels. */
export type LabelArguments<Name extends string> = [Name] extends [never]
  ? [labels?: undefined]
  : [labels: Labels<Name>];

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

/** A metric whose series hold one number each. */
abstract class NumberMetric<Name extends string> implements Metric {
  abstract readonly type: Metric['type'];
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

  *samples(): Iterable<Sample> {
    for (const { labels, value } of this.#series.values()) yield { suffix: '', labels, value };
  }

  protected at(labels: Labels<Name> | undefined): Series<number> {
    return this.#series.at(given(labels));
  }

  protected forget(labels: Labels<Name> | undefined): void {
    this.#series.remove(given(labels));
  }
}

export class Counter<Name extends string = never> extends NumberMetric<Name> {
  readonly type = 'counter';

  increment(...[labels]: LabelArguments<Name>): void {
    this.at(labels).value += 1;
  }

  /** @throws RangeError when `amount` is negative or not a number: a counter never falls. */
  add(amount: number, ...[labels]: LabelArguments<Name>): void {
    if (!(amount >= 0)) throw new RangeError(`counter ${this.name} cannot grow by ${amount}`);
    this.at(labels).value += amount;
  }
}

export class Gauge<Name extends string = never> extends NumberMetric<Name> {
  readonly type = 'gauge';

  set(value: number, ...[labels]: LabelArguments<Name>): void {
    this.at(labels).value = value;
  }

  /** For the series of something that is gone. */
  remove(...[labels]: LabelArguments<Name>): void {
    this.forget(labels);
  }
}

/** Every metric without labels has one series, that of the empty label set. */
function given<Name extends string>(labels: Labels<Name> | undefined): Labels<Name> {
  return labels ?? ({} as Labels<Name>);
}
