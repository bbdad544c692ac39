declare module "htmx.org/dist/htmx.esm.js" {
  import type htmx from "htmx.org";
  const api: typeof htmx;
  export default api;
}
