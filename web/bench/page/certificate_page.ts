// SPDX-License-Identifier: Apache-2.0

// The same measurement in a page: web/bench/certificate_in_chromium.sh opens it. `#large` in the
// address asks for 77 million pairs.

import { generate, largeSize, measure, referenceSize } from "../certificate_subject";

// What the page needs of a browser; the other programs here know node alone.
declare const location: { readonly hash: string };
declare const document: { readonly body: { textContent: string } };

const isLarge = location.hash === "#large";
document.body.textContent = isLarge
    ? measure(generate(largeSize), 5) : measure(generate(referenceSize), 21);
