// Holds mails against caniemail's table: nothing in them may be what one of the large mail programs does not understand, but for
// what fades harmlessly. `node caniemail.mjs FILE…`; exits with 1 where something is.
import { readFileSync } from "node:fs";
import { caniemail } from "caniemail";

const clients = ["gmail.*", "apple-mail.*", "outlook.*", "yahoo.*", "thunderbird.*"];

const fades = {
  "@media": "there is one width and one colour then",
  "@media (prefers-color-scheme)": "there is one colour then",
  "color-scheme": "there is one colour then",
  "border-radius": "corners are square",
  "box-shadow": "there is none",
  "max-width": "the sheet is as wide as the window",
  "<style> element": "what it says is for phones and dark rooms only",
  "<body> element": "its colour is that of the outermost table too",
  "role attribute": "a screen reader speaks of a table",
};

let bad = 0;
for (const file of process.argv.slice(2)) {
  const html = readFileSync(file, "utf8");
  const size = Buffer.byteLength(html);
  const { issues } = caniemail({ clients, html });
  const found = new Map();
  for (const [client, list] of issues.errors) {
    for (const { title } of list) {
      // The package takes `line-height` for `height`, which Yahoo reads as `min-height`.
      const mistaken = title === "height property" && !/(^|[\s;"{])height\s*:/m.test(html);
      if (!(title in fades) && !mistaken) found.set(title, [...(found.get(title) ?? []), client]);
    }
  }
  for (const [title, who] of found) {
    console.log(`${file}: ${title} is not understood by ${[...new Set(who)].join(", ")}`);
  }
  if (size >= 90_000) console.log(`${file}: ${size} bytes`);
  bad += found.size + (size >= 90_000);
}
console.log(`${process.argv.length - 2} mails, ${bad} with something that is not understood everywhere or too large`);
process.exit(bad > 0 ? 1 : 0);
