/** Files that Python's bz2 made. */
const file = (lines: readonly string[]): Buffer => Buffer.from(lines.join(""), "base64");

/** 60,000 lines, `${line % 97},x`, in blocks of 100 kB: three of them. */
export const MANY_BLOCKS = file([
  "QlpoMTFBWSZTWfW3edoAUCtYgAAQAAR/4ABAUARcB4AlVRARANABANABANAAmqqmPUP9Up6BSqiZN+1VB3KoCtKT0UnZSfxSeyk+FJ9KTFJ0Un",
  "wpP8pOyk+FJikxSeCkxSYpMUmKTFJikxSeykxSYpMUnkpMUmKTFJikxSYpOFJ4xSYpMUmKThSYpMUWolyJZEvVEsiWRLIlkSyJe0SyJZEsiWRL",
  "6olkSyJZEsiWRLIl9olkSyJZEvNEsiWRLIlkSyJZEsiXxEsiWRLxRLIlkSyJZEsiWRLIlkS5EtIlkSyJZEsiWRLIlkS/US8+6KcKThSeSk5KTq",
  "UnUpOpSdSk+lJikxSYpMiWRLIlkSyJZEuUKqxSYpPBSYpMUmolkSyJZEsiXxVQMUmKTFJ5KTFJpSaiWRLIlkS+1VA1EsUmKTFJ6KTSk0pNKTSk",
  "0pOIKqxSYpMUmKTSk4UmlJpSaiWRL0SgeES1EtRLUS1EsiWRL5RLIlkS8koHUS6iXUS6iXIlyJciXyiXIl4JQOol1EuolyJciXIlyJciXJSo6i",
  "XUS6iXIlyJciXIlyJcqoXcqgK/GKCskymsl2ivgIBHHSxAAAgAAj/wACAoAi8B4BVQqqpRANABANABANAAmqqRvVN71SgFKpJh71UanYFVRkS8",
  "ol2iXSJe0S+IlxEsiX1EviJfkS7RL4iWRLIl4RLIlkSyJZEsiWRLIl7RLIlkSyJfyJZEsiWRLIlkSyJekSyJZEsiWRLyiWRLIjSk0pMUnuUmKT",
  "FJikxSYpOFJikxSYpMUn3KTFJikxSYpMUmKT8KTFJikxSfUpMUmKTFJikxSYpMUnwpMUmKT1KTFJikxSYpMUmKTFJik6UmSkxSYpMUWolqJZEs",
  "iX5EvSJclJyUnJScKTwpPCk8RL7RLiJZEsiWRLJJikxSYpMUmKTtJAyJZEvCJZEsiWolqJaiWolqJfCUDIlkSyJfyJZEtRLUS1EtRLUS9koGRL",
  "FJpSaUnuUmKTFJiS1EsiXoIl11IlkS0pNKTSkxSclJikwS1EsiXlVQOkSyJaUmlJpSYpMUnyUmCWol4VUDiJcRLiJclJ0pOlJ0pPkpOlJ6lUDi",
  "JcRLiJcolyiXKJcolyiXEKo4iXER2UnSk6UnSk6UnSk7QVOwKqj/MUFZJlNZKFaZCQBKetiAABAABH/gAEBQBF3opQVEEkEQDQAQDQAQDQAFKp",
  "GFP/VUeoFKqoz1H+1Sh6qlJHeULpQvVC4ULxQuULxQsoXqhfahfiheqF4oWULKF8ULKFlCyhZQsoWULKF2oWULKFlC+qFlCyhZQsoWULKF4oWU",
  "LKFlCyhcqFlCyhZQsoWULlQsoWULKFlC0heSFpC0haQtIX1QtIWkLSFpC0haQu5C0haQtIXxQtIWkLSFpC0haQtIXkhaQtIXChaQtIWkLSFpC0",
  "haQtIXSFqQtIWkLSFpC0haQv79ULhQulC8ULxQvFC8UL2QvZC9kL2QuULKFlCyhZQsoWkLSFpC0hcVSrKFlC+KFlCyhZQtIWkLSFpC8KpV1lCy",
  "hZQuVCyhdSFpC0haQtIXZVKsoWULKFlC5ULSFpC0haQtIXhVKsoWULKFlC0heKFpC0haQsoXKlKuFCyhZQsoWULSFpC8ULSFpC/6KVcoXKFyhc",
  "oXSF0hdIX2oXSF/kUq5QuULlC5QukLpC6QukLlVEcoXKFyhcoXSF0hdIXSF0ik/VUpI/xdyRThQkKMpwGA",
]);

/** 700 times a, 3 times b, 4 times c, 5 times d and a newline; after it a stream of its own, `second stream` and a newline. */
export const TWO_STREAMS = file([
  "QlpoOTFBWSZTWahxZx4AAALBCOAQPAAAEAAIIAAxBkxAyDTIuyBcQJAzTMR8XckU4UJCocWceEJaaDkxQVkmU1mEUpCUAAAF0YAAEEAALgOcAC",
  "AAIgDQ0EDQNAUEvThPHh4u5IpwoSEIpSEo",
]);

/** Nothing, compressed. */
export const EMPTY_STREAM = file(["QlpoORdyRThQkAAAAAA="]);
