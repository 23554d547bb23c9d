{%- extends 'nbgrader/manage_assignments.tpl' -%}

{%- block messages -%}
<style>
  th:nth-child(4), th:nth-child(5), th:nth-child(6), td.edit, td.assign, td.preview { display: none }
</style>
<div class="alert alert-info" id="campus-owns">{{ campus_owns_labs }}</div>
{%- endblock -%}

{%- block table_footer -%}
{%- endblock -%}
