"""The negative control: stock Faust under the same faults, which must show loss or double counting."""
