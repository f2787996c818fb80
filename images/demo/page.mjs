// The page: one template, filled once per answer. A version is a colour, a sentence and a logo.
import { readFileSync } from "node:fs";

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8").trim();

const template = read("page.html");
const logo = read("logo.svg");
// Version 2 went out with a path that nothing serves: the bug that a rollback is for.
const lostLogo = '<img class="logo" src="/images/logo.svg" alt="Bluegreen logo">';

const looks = {
  v1: {
    accent: "#c2410c",
    deep: "#7c2d12",
    says: "Where it all began. It works, so it stays until something better does.",
  },
  v2: { accent: "#be185d", deep: "#831843", says: "New colors, new words. Everything looks right. Does it?" },
  "v2.1": { accent: "#6d28d9", deep: "#3b0f8f", says: "The logo is back where it belongs. Nothing else has changed." },
  v3: { accent: "#0f766e", deep: "#134e4a", says: "The third one: calmer, quicker, and nobody saw it arrive." },
  v4: { accent: "#334155", deep: "#0f172a", says: "Number four. By now a release is a quiet affair." },
  broken: {
    accent: "#57534e",
    deep: "#1c1917",
    says: "This one never gets healthy, so you should not be reading this.",
  },
};

const accents = JSON.stringify(
  Object.fromEntries(Object.entries(looks).map(([version, { accent }]) => [version, accent])),
);
const escape = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The HTML that `host`, a replica of `version`, shows. */
export function page({ version, host, healthy }) {
  const { accent, deep, says } = looks[version] ?? looks.v4;
  const values = {
    version: escape(version),
    // A long name gets smaller letters, so that it is no wider than a short one.
    fit: Math.min(1, 4 / version.length).toFixed(2),
    host: escape(host),
    says,
    accent,
    deep,
    accents,
    accentUrl: encodeURIComponent(accent),
    logo: version === "v2" ? lostLogo : logo,
    state: healthy ? "Healthy" : "Unhealthy",
    light: healthy ? "#4ade80" : "#f87171",
  };
  return template.replace(/{{(\w+)}}/g, (_all, name) => values[name]);
}
