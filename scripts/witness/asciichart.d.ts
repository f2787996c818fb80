// The package has no types: this is what we use of it.
declare module "asciichart" {
  export function plot(
    series: number[],
    options: { height: number; min: number; max: number; format: (value: number) => string },
  ): string;
}
