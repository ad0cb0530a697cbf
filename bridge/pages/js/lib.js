// What every module builds with: preact and its hooks, and htm's template for markup.
// html`...` makes elements, never text that is parsed as markup: what users typed stays text.
import { Component, createRef, Fragment, h, render } from "preact";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import htm from "htm";

export const html = htm.bind(h);
export { Component, createRef, Fragment, h, render };
export { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState };
