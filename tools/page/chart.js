/** The chart library, loaded with the first chart. */
export { default } from "uplot";
