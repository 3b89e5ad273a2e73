// Types of chart.js for `make page`; not served.
import uPlot from "uplot";
export default uPlot;
