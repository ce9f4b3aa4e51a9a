// Prints every histogram of an HdrHistogram log as one line of JSON.
// usage: node check.mjs FILE.hlog
import { readFileSync } from "node:fs";
import { HistogramLogReader } from "hdr-histogram-js";

const reader = new HistogramLogReader(readFileSync(process.argv[2], "utf8"), 64);
for (let h = reader.nextIntervalHistogram(); h; h = reader.nextIntervalHistogram()) {
  console.log(JSON.stringify({
    tag: h.tag,
    start_ms: Math.round(h.startTimeStampMsec),
    end_ms: Math.round(h.endTimeStampMsec),
    count: h.totalCount,
    p50: h.getValueAtPercentile(50),
    p99: h.getValueAtPercentile(99),
    max: h.maxValue,
  }));
}
