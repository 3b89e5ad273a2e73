/** Keeps a fault of one part to that part: the others go on, and the fault is said. */
import { Component, html } from "../vendor/vendor.js";

/** @extends {Component<{ children?: any }, { fault: string }>} */
export class Boundary extends Component {
  constructor() {
    super();
    this.state = { fault: "" };
  }

  /** @override @param {unknown} error */
  componentDidCatch(error) {
    this.setState({ fault: error instanceof Error ? error.message : String(error) });
    console.error(error); // for whoever looks for the cause
  }

  /** @override */
  render() {
    if (!this.state.fault) return this.props.children;
    return html`<div class="note bad" role="alert"><strong>This part cannot be shown.</strong> It is a fault of the page: ${this.state.fault}
      <button type="button" class="quiet" onClick=${() => this.setState({ fault: "" })}>Try again</button></div>`;
  }
}
