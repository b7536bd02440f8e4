//! 4. All rules against one item.
