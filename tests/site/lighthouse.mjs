// node lighthouse.mjs RUNS ADDRESS...: a line of JSON for each page: its scores (of performance the best, for other
// work on the machine slows a page down, and nothing makes it faster), and what cost it points, and what was asked for
// to show it.
import * as chromeLauncher from "chrome-launcher";
import lighthouse from "lighthouse";

const [runs, ...addresses] = process.argv.slice(2);
const chromeFlags = ["--headless=new", "--no-sandbox", "--disable-gpu"];
const chrome = await chromeLauncher.launch({ chromeFlags });
try {
  for (const address of addresses) {
    const found = [];
    while (found.length < Number(runs)) {
      const { lhr } = await lighthouse(address, { port: chrome.port, logLevel: "error" });
      found.push(lhr);
    }
    const speed = (lhr) => lhr.categories.performance.score;
    found.sort((a, b) => speed(a) - speed(b));
    const lhr = found.at(-1);
    const scores = {};
    const lost = [];
    for (const name of ["performance", "accessibility", "best-practices", "seo"]) {
      scores[name] = Math.round(100 * lhr.categories[name].score);
      for (const { id, weight } of lhr.categories[name].auditRefs) {
        const { score, displayValue } = lhr.audits[id];
        if (weight > 0 && score !== null && score < 0.9) lost.push(`${id} ${displayValue ?? ""}`.trim());
      }
    }
    const requested = lhr.audits["network-requests"].details.items.map((item) => item.url);
    console.log(JSON.stringify({ address, scores, lost, requested }));
  }
} finally {
  chrome.kill();
}
