/** Boxes that scroll can be scrolled by keyboard too: some browsers let only what has focus. */
function reach(): void {
  for (const box of document.querySelectorAll<HTMLElement>("pre, .table")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

new ResizeObserver(reach).observe(document.body);
